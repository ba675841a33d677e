import { TemplateError } from '../../templates/template-error.js';
import { type Templates } from '../../templates/templates.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { warnOfTemplateFacts } from './contact-facts.js';

/** Every template is parsed, used or not; its problems stand at their own line. */
export function checkTemplateFiles(
  files: ReadonlyMap<string, ConfigFile>,
  templates: Templates,
  findings: Findings,
): void {
  for (const [name, file] of files) {
    if (typeof file.content !== 'string') continue;
    warnOfTemplateFacts(file.content, file, findings);
    try {
      templates.file(name, 'text');
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { message, line, column } = error;
      findings.error({ ...file, locate: () => ({ line, column }) }, [], message);
    }
  }
}
