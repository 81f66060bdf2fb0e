/**
 * A download: a route whose answer is too long to be made before it is sent, so that no operation of
 * the graph stands behind it. One declaration is served, documented and guarded like every route.
 */
import type { z } from 'zod';
import type { Access } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';

export interface OpenedDownload {
  readonly contentType: string;
  /** What the client's file is called, unless it decides otherwise: letters, digits, `.` and `-`. */
  readonly fileName: string;
  /** Further headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Made as the client reads: nothing may be held between two of them. */
  readonly chunks: AsyncIterable<string>;
}

export interface DownloadDefinition<In extends z.ZodObject> {
  /** Names it in OpenAPI and where it is refused, such as `ExportAuditEvents`. */
  readonly name: string;
  /** Below the version: `audit-events/export`. */
  readonly path: string;
  readonly tag: string;
  /** Sentences, of which the first is its title. */
  readonly summary: string;
  readonly access: Access;
  /** What is recorded when it is refused. */
  readonly event: string;
  /** The query: flat, of texts, integers and booleans. */
  readonly input: In;
  /** Content type -> what it holds. */
  readonly answers: Readonly<Record<string, string>>;
  /** Headers of the answer beside those that every answer has. */
  readonly headers: Readonly<Record<string, string>>;
  /** After the caller was looked at. Throws what is wrong, before anything is sent. */
  readonly open: (ctx: Context, input: z.output<In>) => Promise<OpenedDownload>;
}

export interface Download extends Omit<DownloadDefinition<z.ZodObject>, 'open'> {
  /** The query as texts were read into what its shape calls integers and booleans. */
  readonly open: (ctx: Context, input: unknown) => Promise<OpenedDownload>;
}

/** `open` gets what the shape read. */
export function download<In extends z.ZodObject>(definition: DownloadDefinition<In>): Download {
  return {
    ...definition,
    open: (ctx, input) => definition.open(ctx, input as z.output<In>),
  };
}
