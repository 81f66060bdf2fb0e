/**
 * The reference for people: Swagger UI over our OpenAPI document, served by us alone. It works under
 * a policy that allows no foreign origin, no eval and no inline script or style.
 */
import { readFileSync } from 'node:fs';

interface DocsAsset {
  /** Where it is served, below the page. */
  readonly path: string;
  /** With `content-type` and `cache-control`; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Read at its first use and kept. */
  body(): Buffer;
}

export interface DocsPage {
  /** Where the page is served. */
  readonly path: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly assets: readonly DocsAsset[];
}

export interface DocsOptions {
  /** `/docs`. */
  readonly path: string;
  readonly title: string;
  /** Where the OpenAPI document is: a path of our own origin. */
  readonly document: string;
}

export function docsPage({ path, title, document }: DocsOptions): DocsPage {
  // The version is in the path, so that browsers may keep the files for good.
  const kept = `${path}/swagger-ui-${version()}`;
  const style = fileAsset(`${kept}/swagger-ui.css`, 'text/css', 'swagger-ui-dist/swagger-ui.css');
  const library = fileAsset(
    `${kept}/swagger-ui-bundle.js`,
    'text/javascript',
    'swagger-ui-dist/swagger-ui-bundle.js',
  );
  const start = textAsset(`${path}/start.js`, 'text/javascript', startScript(document));
  return {
    path,
    html: page({ title, document, style, scripts: [library, start] }),
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
    assets: [style, library, start],
  };
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Parts {
  readonly title: string;
  readonly document: string;
  readonly style: DocsAsset;
  readonly scripts: readonly DocsAsset[];
}

function page({ title, document, style, scripts }: Parts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escaped(style.path)}">
</head>
<body>
<div id="reference"></div>
<noscript><p>The reference needs JavaScript; the document itself is at
<a href="${escaped(document)}">${escaped(document)}</a>.</p></noscript>
${scripts.map((script) => `<script src="${escaped(script.path)}"></script>`).join('\n')}
</body>
</html>
`;
}

/** No validator and no address bar: both would send the document's address elsewhere. */
function startScript(document: string): string {
  const settings = {
    url: document,
    dom_id: '#reference',
    deepLinking: true,
    filter: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    persistAuthorization: false,
  };
  return `SwaggerUIBundle(${JSON.stringify(settings)});\n`;
}

function fileAsset(path: string, type: string, module: string): DocsAsset {
  let content: Buffer | undefined;
  return {
    path,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'public, max-age=31536000, immutable',
    },
    body: () => (content ??= readFileSync(new URL(import.meta.resolve(module)))),
  };
}

function textAsset(path: string, type: string, text: string): DocsAsset {
  const content = Buffer.from(text);
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' };
  return { path, headers, body: () => content };
}

function version(): string {
  const file = new URL(import.meta.resolve('swagger-ui-dist/package.json'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
}
