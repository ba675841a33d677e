import { Argument, type Command } from 'commander';
import { loadAdapters } from '../adapters/catalogue.js';
import { type Config } from '../config/config.js';
import { type ConfigJsonSchemas, configJsonSchema } from '../config/json-schema.js';
import { isJsonObject, type JsonObject } from '../lib/json.js';
import { loadSources } from '../sources/catalogue.js';
import { type CommandContext } from './command-context.js';
import { CliError, EXIT } from './exit-codes.js';
import { type Io } from './io.js';
import { readConfigFolder } from './load-config.js';
import { configOption } from './options.js';
import { printJson } from './print.js';

const FILES = ['main', 'rules'] as const;

export function addSchema(program: Command, { io, finish }: CommandContext): void {
  program
    .command('schema')
    .description("print the JSON Schema of the files, with this configuration's names, for editors")
    .addArgument(new Argument('[file]', 'only that of aftercall.yaml or of rule files').choices(FILES))
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nWithout a file it prints one schema that fits both. In an editor: # yaml-language-server: $schema=<path>',
    )
    .action(async (file: (typeof FILES)[number] | undefined, options: { config: string }) =>
      finish(await schema(io, file, options.config)),
    );
}

async function schema(io: Io, file: (typeof FILES)[number] | undefined, folder: string): Promise<number> {
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  const schemas = configJsonSchema(kinds, sourceKinds, await usableConfig(io, folder));
  printJson(io, file === undefined ? schemaOfBoth(schemas) : schemas[file]);
  return EXIT.fine;
}

/** An editor needs the schema most while the files are wrong, and before there are any. */
async function usableConfig(io: Io, folder: string): Promise<Config | null> {
  try {
    const read = await readConfigFolder(io, folder);
    if (read.ok) return read.config;
    io.stderr(`the configuration in ${folder} has errors, so the schema is without its names\n`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    io.stderr(`there is no configuration in ${folder}, so the schema is without its names\n`);
  }
  return null;
}

/** Rule files are told by keys that `aftercall.yaml` does not have. */
function schemaOfBoth({ main, rules }: ConfigJsonSchemas): JsonObject {
  const isRuleFile = { anyOf: ['rules', 'tests', 'defaults'].map((key) => ({ required: [key] })) };
  const [ofMain, ofRules] = [withoutDefinitions(main), withoutDefinitions(rules)];
  return {
    ...(main.$schema !== undefined && { $schema: main.$schema }),
    title: 'Aftercall configuration file',
    type: 'object',
    if: isRuleFile,
    then: ofRules.schema,
    else: ofMain.schema,
    $defs: { ...ofMain.definitions, ...ofRules.definitions },
  };
}

/** References start at the top of a document, so definitions must move there. */
function withoutDefinitions({ $schema: _, $defs, ...schema }: JsonObject): {
  schema: JsonObject;
  definitions: JsonObject;
} {
  return { schema, definitions: isJsonObject($defs) ? $defs : {} };
}
