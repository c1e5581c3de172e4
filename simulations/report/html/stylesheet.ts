import { COLORS } from '../figures/theme.ts';

function variables(mode: 'light' | 'dark'): string {
  return Object.entries(COLORS)
    .map(([name, value]) => `--${name}:${value[mode]}`)
    .join(';');
}

/** All style of the report: light by default, dark where the reader prefers it, light on paper. No web font. */
export const STYLESHEET = `
:root{color-scheme:light dark;${variables('light')};
--serif:Charter,"Bitstream Charter","Source Serif 4","Iowan Old Style",Georgia,"Liberation Serif",serif;
--sans:Inter,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
--mono:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
html{scroll-padding-top:3.2rem;background:var(--paper)}
body{margin:0 auto;max-width:1000px;padding:0 40px 80px;background:var(--paper);color:var(--ink);
font:17px/1.55 var(--serif);overflow-wrap:break-word}
header.top{padding:56px 0 20px}
h1{font-size:2.05rem;line-height:1.2;font-weight:600;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.5rem;line-height:1.25;font-weight:600;margin:3.6rem 0 .8rem;padding-top:1.1rem;
border-top:2px solid var(--ink)}
header+nav+main>.track:first-child>h2{margin-top:1.6rem;border-top:0;padding-top:0}
h3{font-size:1.14rem;font-weight:600;margin:2.6rem 0 .6rem}
p{max-width:44em;margin:.6rem 0}
a{color:var(--blue);text-decoration-thickness:1px;text-underline-offset:.18em}
.kicker,.small,figcaption,nav,summary,table,dl,.metric{font-family:var(--sans)}
.kicker{max-width:none;font-size:.78rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:0 0 .8rem}
.lead{font-size:1.08rem}
.small{font-size:.84rem;line-height:1.5;color:var(--soft)}
nav{position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--grid);font-size:.84rem;
display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;padding:.6rem 0;margin-bottom:1rem}
nav a{color:var(--soft);text-decoration:none;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:24em}
nav a:hover,nav a:focus{color:var(--blue);text-decoration:underline}
nav a.track{color:var(--ink);font-weight:600}
.metrics{display:flex;flex-wrap:wrap;gap:1.4rem 2.8rem;margin:1.5rem 0 1.7rem;padding:0}
.metric .value{font-size:1.8rem;line-height:1.15;font-weight:600;font-variant-numeric:tabular-nums;
letter-spacing:-.01em}
.metric.first .value{color:var(--blue)}
.metric .name{font-size:.84rem;color:var(--ink);margin-bottom:.2rem}
.metric .note{font-size:.8rem;color:var(--soft);font-variant-numeric:tabular-nums;max-width:16em}
.table{overflow-x:auto;margin:1rem 0 1.3rem}
table{border-collapse:collapse;font-size:.84rem;line-height:1.4;font-variant-numeric:tabular-nums lining-nums;
border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink);min-width:50%}
caption{text-align:left;font-size:.84rem;color:var(--soft);padding:0 0 .5rem;caption-side:top}
th,td{padding:.34rem .85rem .34rem 0;text-align:left;vertical-align:baseline;font-weight:400;
overflow-wrap:normal}
th:last-child,td:last-child{padding-right:0}
thead th{font-weight:600;border-bottom:1px solid var(--ink);vertical-align:bottom;line-height:1.25}
tbody tr+tr>*{border-top:1px solid var(--grid)}
tbody th{min-width:9em;max-width:22em}
td:last-child.text{white-space:normal}
.number{text-align:right;white-space:nowrap}
tbody td.text{min-width:6em;max-width:30em}
tr.study>*{font-weight:600;background:color-mix(in srgb,var(--blue) 9%,transparent)}
tr.sanity>*{color:var(--soft);font-style:italic}
tr.group>*{border-top:1px solid var(--ink)!important}
.reached{color:var(--green);font-weight:600}
.missed{color:var(--orange);font-weight:600}
.quiet{color:var(--soft)}
figure{margin:1.6rem 0 2rem;min-width:0}
.drawing{overflow-x:auto}
svg{display:block;max-width:100%;height:auto;font-family:var(--sans);color:var(--ink)}
svg text{font-variant-numeric:tabular-nums}
figcaption{font-size:.84rem;line-height:1.5;color:var(--soft);max-width:52em;margin-top:.6rem}
figcaption b{color:var(--ink);font-weight:600}
body{counter-reset:figure}
figure{counter-increment:figure}
figcaption b::before{content:"Figure " counter(figure) ". "}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(400px,1fr));gap:0 40px;align-items:start}
.pictures{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem}
.pictures svg{width:88px;height:88px;image-rendering:pixelated;border:1px solid var(--grid)}
.pictures div{display:flex;gap:.2rem}
details{margin:.5rem 0}
summary{cursor:pointer;font-size:.8rem;color:var(--soft)}
summary:hover{color:var(--blue)}
pre,code{font-family:var(--mono);font-size:.8rem}
pre{line-height:1.5;border:1px solid var(--grid);border-left:3px solid var(--rule);padding:.9rem 1.1rem;
overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
code.hash{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.6rem;font-size:.86rem;line-height:1.5;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;min-width:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
ul.notes{padding-left:1.1rem;max-width:44em}
ul.notes li{margin:.45rem 0}
@media (max-width:640px){body{padding:0 18px 60px;font-size:16px}.pair{grid-template-columns:1fr}svg{max-width:none}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@page{size:A4;margin:16mm 13mm 18mm;@bottom-right{content:counter(page);font:8pt sans-serif}}
@media print{:root{color-scheme:light}
body{max-width:none;padding:0;font-size:10.5pt;line-height:1.45;background:none}
html{background:none}
header.top{padding-top:0}nav{display:none}a{color:inherit;text-decoration:none}
h2{margin-top:0;break-before:page}h2.run-on{break-before:auto;margin-top:2.2rem}
h2,h3{break-after:avoid}
figure,tr,.metrics,.short,dl>*{break-inside:avoid}
h3+p{break-after:avoid}section.track+section.track{break-before:page}
thead{display:table-header-group}
p,li{orphans:3;widows:3}
.table,.drawing{overflow:visible}
table{font-size:8.4pt}th,td{padding-right:.6rem}
details:not([open]){display:none}details>summary{list-style:none}
.pair{grid-template-columns:1fr 1fr;gap:0 18px}
pre{font-size:8pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
