/** The look of the pages; a tenant sets the colour. */
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';

const ACCENT = '#1f5eff';

/** What buttons stand on, by the browser's colour scheme. */
const PAPER = { light: '#ffffff', dark: '#1b1e25' };

export function stylesheet({ accentColor }: Pick<SignInPolicyRow, 'accentColor'>): string {
  const accent = accentColor ?? ACCENT;
  const onAccent = contrast(accent, '#000000') > contrast(accent, '#ffffff') ? '#000' : '#fff';
  return `:root{--accent:${accent};--on-accent:${onAccent};--edge:${edge(accent, PAPER.light)}}
@media (prefers-color-scheme:dark){:root{--edge:${edge(accent, PAPER.dark)}}}
${RULES}`;
}

/** What cannot be told from the paper gets an edge that can (WCAG 2.2, 1.4.11). */
function edge(accent: string, paper: string): string {
  return contrast(accent, paper) < 3 ? 'var(--soft)' : 'var(--accent)';
}

/** WCAG 2.2, contrast ratio of two colours such as #1f5eff. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const RULES = `:root{color-scheme:light dark;--text:#16181d;--soft:#5b6270;--line:#d5d9e0;--paper:${PAPER.light};--ground:#f3f4f7;--focus:#1f5eff;--bad:#b3261e;--good:#146c43}
@media (prefers-color-scheme:dark){:root{--text:#eceef2;--soft:#a3a9b6;--line:#3a3f4a;--paper:${PAPER.dark};--ground:#111318;--focus:#8ab0ff;--bad:#ff8a80;--good:#7fd6a5}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;background:var(--paper);border:1px solid var(--line);border-radius:.9rem;padding:2rem}
header{display:flex;align-items:center;gap:.75rem;margin-bottom:1.5rem}
.mark{flex:none;border:1px solid var(--edge);display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:.6rem;background:var(--accent);color:var(--on-accent);font-weight:700}
.logo{max-height:2.5rem;max-width:10rem}
.tenant{margin:0;font-weight:600;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1.25rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:2rem 0 .75rem}
a{color:inherit}
label{display:block;font-weight:600;margin:0 0 .35rem}
.field{margin:0 0 1.1rem}
input:not([type=hidden]),select{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.5rem;padding:.65rem .75rem}
button{width:100%;font:inherit;font-weight:600;border:1px solid var(--edge);border-radius:.5rem;padding:.7rem 1rem;background:var(--accent);color:var(--on-accent);cursor:pointer}
button.quiet{width:auto;font-weight:500;background:transparent;color:inherit;border-color:var(--soft);padding:.35rem .8rem}
button.wide{width:100%;padding:.6rem 1rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.notice{border-left:4px solid;padding:.6rem .9rem;margin:0 0 1.25rem;background:var(--ground);border-radius:0 .4rem .4rem 0}
.error{border-color:var(--bad);color:var(--bad)}
.done{border-color:var(--good);color:var(--good)}
.qr img{display:block;margin:0 auto;background:#fff;border-radius:.5rem}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.hint{margin:.35rem 0 0;font-size:.875rem;color:var(--soft)}
.soft{color:var(--soft);overflow-wrap:anywhere}
.client{display:block;max-height:4rem;max-width:100%}
ul{list-style:none;margin:0;padding:0}
li{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding:.75rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
li p{margin:0}
li>a,li>form{flex:none}
li:has(>ul){display:block}
li li{display:list-item;list-style:disc;margin-left:1.25rem;border:0;padding:.15rem 0}
ol.codes{columns:2;padding-left:1.5rem}
ol.codes li{display:list-item;border:0;padding:.2rem 0}
.row{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem;margin-top:.75rem}
.row form+form{margin:0}
.row button{width:auto;padding:.5rem 1rem}
input[aria-invalid=true]:not([type=hidden]){border-color:var(--bad)}
form+form,ul+form{margin-top:1.5rem}
button+button{margin-top:.75rem}
@media (max-width:30rem){body{padding:0;place-items:start stretch;background:var(--paper)}main{border:0;border-radius:0;padding:1.5rem;max-width:none}}
`;
