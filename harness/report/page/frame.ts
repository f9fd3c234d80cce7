import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../../../common/process/paths.js';
import { Html, html } from './html.js';

/** Style and script of a page, as the build made them. */
export interface Assets {
  style: string;
  script: string;
}

/** Of the page of a run, or of the page of all nights; throws where the build is missing. */
export function readAssets(page: 'page' | 'trend' = 'page'): Assets {
  const folder = join(packageRoot(), 'dist/harness/report', page, 'browser');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { style: read(`${page}.css`), script: read(`${page}.js`) };
}

export interface Frame {
  title: string;
  /** What stands beside the title. */
  intro: Html;
  main: Html;
  /** What the script draws; null of a page without charts. */
  content: object | null;
}

/**
 * One HTML file that loads nothing: style, script and figures are in it. A browser that reads it runs no other script and asks
 * nobody, whatever stands in the records.
 */
export function framed({ title, intro, main, content }: Frame, { style, script }: Assets): string {
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  // Compressed, figures take a fifth of the room; base64 holds nothing that could end the element.
  const zipped = content && gzipSync(JSON.stringify(content)).toString('base64');
  const data = zipped === null ? '' : html`<script type="application/octet-stream" id="content">${zipped}</script>\n`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
</head>
<body>
<header><div><h1>${title}</h1>${intro}</div>
<label class="theme" hidden>Colours <select id="theme"><option value="">as the system<option value="light">light<option value="dark">dark</select></label>
</header>
<main>${main}</main>
<p id="said" class="unseen" aria-live="polite"></p>
${data}<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
