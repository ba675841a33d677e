import { Body, HttpCode, Inject, Post } from '@nestjs/common';
import { type AppliedView, type RulePlanView } from '../replay/plan-views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { ApplyRules, PlanRules } from './rule-requests.js';
import { ADMIN_API } from './tokens.js';

@AdminController('rules', 'rules')
export class RulesController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Post('plan')
  @HttpCode(200)
  @Describe({
    summary: 'Shows what a change of rules means for follow-ups that wait; changes nothing.',
    answers: 'RulePlan',
    refuses: [413],
  })
  plan(@Body() options: PlanRules): Promise<RulePlanView> {
    return this.api.desk.rules.planChange(options);
  }

  @Post('apply')
  @HttpCode(200)
  @Describe({
    summary: 'Lets follow-ups that wait go on by the rules in force, or takes back those that differ.',
    answers: 'AppliedRules',
    refuses: [409, 413],
  })
  apply(@Body() options: ApplyRules): Promise<AppliedView> {
    return this.api.desk.rules.applyChange(options);
  }
}
