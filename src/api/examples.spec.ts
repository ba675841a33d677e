import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { EXAMPLES } from './examples.js';
import { SCHEMAS, type SchemaName } from './schemas.js';

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'api', components: { schemas: SCHEMAS } });

describe('examples', () => {
  it.each(Object.keys(SCHEMAS) as SchemaName[])('of %s fit the schema', (name) => {
    const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
    validate(EXAMPLES[name]);
    expect(validate.errors ?? []).toEqual([]);
  });
});
