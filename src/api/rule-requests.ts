import { type JsonObject } from '../lib/json.js';
import {
  type ApplyOptions,
  PENDING_CHOICES,
  type PendingChoice,
  type PlanOptions,
} from '../replay/queries.js';
import { ChoiceField, JsonField, TextField } from './fields.js';
import { DryRun } from './requests.js';

export class PlanRules implements PlanOptions {
  @JsonField(
    'Content of the rule set that is looked at, as `aftercall plan` sends it. Default: the one in force.',
    {
      timezone: 'Europe/Vienna',
      tables: {},
      calendars: {},
      templates: {},
      rules: [],
    },
  )
  rule_set?: JsonObject;
}

export class ApplyRules extends DryRun implements ApplyOptions {
  @ChoiceField(PENDING_CHOICES, 'What becomes of follow-ups that other rules planned.')
  pending!: PendingChoice;

  @TextField('Of the rule set that is meant: refused when another one is in force.', '5f0e3a9c1b7d')
  fingerprint?: string;
}
