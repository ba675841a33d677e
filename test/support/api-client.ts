import { Ajv2020 } from 'ajv/dist/2020.js';

/** An answer of the admin API. */
export interface ApiAnswer {
  status: number;
  // Tests look into answers of every form.
  body: Record<string, unknown> & {
    items: Record<string, unknown>[];
    next?: string | null;
    status?: string;
    message?: string;
  };
  headers: Headers;
}

export interface ApiClient {
  get(path: string): Promise<ApiAnswer>;
  /** Without a body nothing is sent, not even `{}`. */
  post(path: string, body?: object): Promise<ApiAnswer>;
  document(): Promise<OpenApiDocument>;
}

export interface OpenApiDocument {
  openapi: string;
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { schemas: Record<string, object>; securitySchemes: object };
}

export interface OpenApiOperation {
  summary?: string;
  operationId?: string;
  parameters?: { name: string; in: string; description?: string; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<
    string,
    { description: string; content: Record<string, { schema: object; example?: unknown }> }
  >;
}

/**
 * Asks the admin API with the right token, and holds every answer against the OpenAPI document of the same
 * server: an answer that the document does not describe fails the test.
 * @param base address of the API, e.g. `http://127.0.0.1:3000/api/v1`
 */
export function apiClient(base: () => string, token: string): ApiClient {
  let checks: Promise<AnswerCheck> | null = null;
  const ask = async (method: string, path: string, body?: object): Promise<ApiAnswer> => {
    const response = await fetch(base() + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = {
      status: response.status,
      body: JSON.parse(text) as ApiAnswer['body'],
      headers: response.headers,
    };
    if (path !== '/openapi.json') {
      checks ??= document().then((read) => new AnswerCheck(read));
      (await checks).check(method, new URL(base() + path).pathname, answer);
    }
    return answer;
  };
  const document = async () => (await ask('GET', '/openapi.json')).body as unknown as OpenApiDocument;
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body), document };
}

class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });

  constructor(private readonly document: OpenApiDocument) {
    this.#ajv.addSchema({ $id: 'api', components: document.components });
  }

  check(method: string, path: string, { status, body }: Pick<ApiAnswer, 'status' | 'body'>): void {
    const template = Object.keys(this.document.paths)
      .filter((each) => matches(each, path))
      .sort((a, b) => a.split('{').length - b.split('{').length)[0];
    const operation = this.document.paths[template ?? '']?.[method.toLowerCase()];
    const described = operation?.responses[String(status)]?.content['application/json']?.schema;
    if (!described)
      throw new Error(`${method} ${path} answered ${status}, which the document does not describe`);
    const schema = JSON.parse(JSON.stringify(described).replaceAll('"#/', '"api#/')) as object;
    if (!this.#ajv.validate(schema, body))
      throw new Error(`${method} ${path}: ${this.#ajv.errorsText()} in ${JSON.stringify(body)}`);
  }
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}
