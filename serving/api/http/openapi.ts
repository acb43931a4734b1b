import { z } from 'zod';
import { named, problem } from '../contract/answers.ts';
import { idempotencyHeader } from './idempotency.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const reference = (id: string): string => `#/components/schemas/${id}`;

/** OpenAPI 3.1, generated from the same schemas that parse requests and validate answers. */
export function openApi(routes: Route[], isSecured: boolean): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    (paths[route.path] as Json)[route.method] = operation(route, isSecured);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'clickledger',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Counts of ad clicks. Times are UTC and ranges half-open: from is in them, to is not.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components(),
      ...(isSecured && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

function components(): Json {
  const { schemas } = z.toJSONSchema(named, { io: 'output', uri: reference, override: plain });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as unknown]),
  );
}

/** Patterns repeat what formats say, and the largest integer is no real limit. */
function plain({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

function operation(route: Route, isSecured: boolean): Json {
  const isOpen = !isSecured || route.access === 'anyone';
  const rights = { anyone: '', advertiser: '', reader: ' Not for advertisers.', admin: ' For admins only.' };
  return {
    operationId: route.id,
    tags: [tagOf(route.path)],
    summary: route.summary,
    ...(rights[route.access] && { description: rights[route.access].trim() }),
    security: isOpen ? [] : [{ token: [] }],
    parameters: [
      ...parameters(route.pathParameters, 'path'),
      ...parameters(route.query, 'query'),
      ...(route.once ? [idempotencyHeader] : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: input(route.body) } } },
    }),
    ...(route.rows && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: input(route.rows) }, 'text/csv': { schema: { type: 'string' } } },
      },
    }),
    responses: {
      [route.status]: answered(route),
      ...(route.creates && { 201: answered(route) }),
      ...(route.method === 'get' && { 304: { description: 'As it was when the ETag in If-None-Match was sent' } }),
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: ref(problem) } },
      },
    },
  };
}

/** The tag of a path: the first word after the version. */
const tagOf = (path: string): string => /^\/v1\/(\w+)/.exec(path)?.[1] ?? 'health';

function answered(route: Route): Json {
  if (route.status === 204) return { description: 'Done' };
  return {
    description: route.summary,
    content: {
      'application/json': { schema: ref(route.answer) },
      ...(route.csv && { 'text/csv': { schema: { type: 'string' } } }),
    },
  };
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = input(schema);
  return Object.entries(properties).map(([name, described]) => {
    const { title, description: expected, ...rest } = described as Json;
    const description = title === undefined ? expected : `${title}: ${expected}`;
    return { name, in: place, required: required.includes(name), description, schema: rest };
  });
}

const input = (schema: z.ZodType): z.core.JSONSchema.BaseSchema => {
  const strict = schema instanceof z.ZodObject ? schema.strict() : schema;
  const { $schema: _, ...rest } = z.toJSONSchema(strict, { io: 'input', override: plain });
  return rest;
};

/** Throws for a schema without a name: answers are declared in answers.ts. */
function ref(schema: z.ZodType): Json {
  const entry = named.get(schema);
  if (!entry) throw new Error('an answer has no name: register its schema in answers.ts');
  return { $ref: reference(entry.id) };
}
