// The style of the docs page: one column, system fonts, light and dark.
export const STYLE = `
:root{color-scheme:light dark;--line:light-dark(#d8dad5,#3a3d38);--soft:light-dark(#f4f5f2,#1f211e);--ink:light-dark(#1c1e1a,#e6e8e2);--link:light-dark(#2c6a1e,#8fd07c)}
*{box-sizing:border-box}
body{margin:0;font:15px/1.55 system-ui,sans-serif;color:var(--ink);background:light-dark(#fff,#161815);display:grid;grid-template-columns:15rem minmax(0,56rem);gap:2rem}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:13px}
nav a,h3,.address code{overflow-wrap:anywhere}nav ul{list-style:none;padding:0;margin:0 0 .6rem}nav ul ul{padding-left:.7rem}
main{padding:1rem 1rem 6rem}
h1 small{font-size:1rem;font-weight:normal}h2{margin-top:3rem;border-bottom:1px solid var(--line)}h3{margin:2rem 0 .3rem;font-size:1.05rem}
h3 a{color:inherit;text-decoration:none}a{color:var(--link)}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.6rem .8rem;overflow:auto;border-radius:6px}
.address{margin:.2rem 0}
table{border-collapse:collapse;width:100%;margin:.6rem 0;display:block;overflow:auto}
th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);font-weight:normal}
thead th{font-size:12px;opacity:.75}
@media(max-width:50rem){body{display:block}nav{position:static;height:14rem;border-right:0;border-bottom:1px solid var(--line)}}
`;
