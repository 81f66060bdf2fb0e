/** The query of a download, as OpenAPI says it and as its door reads it. */
import { z } from 'zod';
import type { Download } from '#kernel/http/download.ts';
import type { JsonSchema } from './openapi-schemas.ts';

export interface DownloadParameter {
  readonly name: string;
  readonly description: string;
  /** `integer`, `boolean`, `string`, or `array` for texts that may be given more than once. */
  readonly type: unknown;
  readonly schema: JsonSchema;
}

const made = new WeakMap<Download, readonly DownloadParameter[]>();

export function downloadParameters(download: Download): readonly DownloadParameter[] {
  const known = made.get(download) ?? parametersOf(download);
  made.set(download, known);
  return known;
}

function parametersOf({ name, input }: Download): DownloadParameter[] {
  const { properties = {}, $defs = {} } = z.toJSONSchema(input, { io: 'input' });
  return Object.entries(properties).map(([parameter, property]) => {
    const { description, $ref, ...own } = property as JsonSchema;
    const named = typeof $ref === 'string' ? $defs[$ref.replace('#/$defs/', '')] : undefined;
    const { id: _, description: __, ...schema } = { ...named, ...own } as JsonSchema;
    if (typeof description !== 'string')
      throw new Error(`${name}: the parameter ${parameter} has no description`);
    // What ISO 8601 takes is said by the format; the pattern that checks it is nobody's reading.
    const { pattern, ...plain } = schema;
    const told = schema['format'] === 'date-time' ? plain : schema;
    return { name: parameter, description, type: schema['type'], schema: told };
  });
}
