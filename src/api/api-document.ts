import { type INestApplication, type Type } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SCHEMAS } from './schemas.js';

const DESCRIPTION = [
  'What a person can do with events, deliveries, follow-ups, contacts, rules and destinations. Every route needs the admin token.',
  'Refusals answer `{ "status", "message" }`. Times are ISO 8601; those of filters need a zone.',
].join(' ');

type RequestBody = Exclude<
  NonNullable<OpenAPIObject['paths'][string]['post']>['requestBody'],
  undefined | { $ref: string }
>;

/** The OpenAPI document of the admin API, built when it is first asked for. */
export class ApiDocument {
  #build: (() => OpenAPIObject) | null = null;
  #built: OpenAPIObject | null = null;

  /** @param module the module that holds our controllers; those of the host are left out. */
  bind(app: INestApplication, module: Type, mount: string): void {
    this.#build = () => describe(app, module, mount);
  }

  get(): OpenAPIObject {
    if (this.#build === null) throw new Error('call AftercallModule.attach(app) before listen');
    this.#built ??= this.#build();
    return this.#built;
  }
}

function describe(app: INestApplication, module: Type, mount: string): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Aftercall admin API')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    include: [module],
    // Below a mount of its own nothing of ours stands under the host's prefix.
    ignoreGlobalPrefix: mount !== '/',
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
  for (const { post } of Object.values(document.paths)) if (post) describeBody(post);
  const { Nothing: _nothing, ...requests } = document.components?.schemas ?? {};
  const schemas = { ...requests, ...(SCHEMAS as object) };
  return { ...document, components: { ...document.components, schemas } };
}

/** No body counts as `{}`, and some actions take none at all. */
function describeBody(operation: NonNullable<OpenAPIObject['paths'][string]['post']>): void {
  if (JSON.stringify(operation.requestBody).includes('/Nothing"')) delete operation.requestBody;
  else operation.requestBody = { ...(operation.requestBody as RequestBody), required: false };
}
