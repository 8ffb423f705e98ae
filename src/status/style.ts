// The style of the status page: one column, system fonts, light and dark. Its hash stands in the page's policy.
export const STYLE = `
:root{color-scheme:light dark;--bg:light-dark(#f7f8f6,#121411);--card:light-dark(#fff,#1a1d19);--ink:light-dark(#1b1e1a,#e7eae4);--soft:light-dark(#5a6157,#a3aba0);--line:light-dark(#e1e5de,#2d322b);--u:light-dark(#3f9a4b,#4fae5c);--w:light-dark(#d99a17,#d9a032);--x:light-dark(#cf3f36,#e5584d);--n:light-dark(#c9cec6,#454b43);--s:light-dark(#8fa9c9,#52688a);--link:light-dark(#22632d,#8fd39a)}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:52rem;margin:auto;padding:0 1rem}
header{padding-top:2.5rem}
p{margin:.25rem 0}
a{color:var(--link)}
h1{font-size:1.5rem;line-height:1.25;margin:.75rem 0 .5rem;padding:1.1rem 1.25rem;border-radius:10px;color:#fff;background:light-dark(#2b7a37,#25692f)}
h1.minor{background:light-dark(#8f6206,#7d5807)}h1.major,h1.critical{background:light-dark(#b3322a,#9c2d26)}h1.grey{background:light-dark(#5b6259,#454b43)}
h2{font-size:1.15rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0}
.brand{font-weight:600}.brand a{color:inherit;text-decoration:none}
.soft,small{color:var(--soft);font-size:.875rem}
.note{border:1px solid var(--w);border-radius:10px;padding:.75rem 1.25rem;margin:1rem 0;background:var(--card)}
.box{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:0 1.25rem}
.c,.i{padding:1rem 0;border-bottom:1px solid var(--line)}
.c:last-child,.i:last-child{border:0}
.t{display:flex;justify-content:space-between;align-items:baseline;gap:1rem}
.t p{margin:0;white-space:nowrap;font-size:.9375rem}
.t p::before{content:"";display:inline-block;width:.625rem;height:.625rem;border-radius:50%;margin-right:.45rem;background:var(--n)}
.t .u::before{background:var(--u)}.t .w::before{background:var(--w)}.t .x::before{background:var(--x)}.t .s::before{background:var(--s)}
.d{list-style:none;display:flex;gap:1px;height:30px;margin:.6rem 0 .35rem;padding:0;position:relative;align-items:end}
.d li{flex:1;height:60%;background:var(--n);border-radius:1px}
.d li:hover{outline:2px solid var(--ink)}
.d .u{height:100%;background:var(--u)}.d .w{height:100%;background:var(--w)}.d .x{height:100%;background:var(--x)}.d .s{background:var(--s)}
.d i{position:absolute;left:0;right:0;top:100%;padding-top:.35rem;opacity:0;pointer-events:none;text-align:center;color:var(--ink);font:.8125rem/1.5 system-ui,sans-serif}
.d li:hover i{opacity:1;background:var(--card)}
.e{display:flex;justify-content:space-between;color:var(--soft);font-size:.8125rem;gap:.5rem}
.k{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0;color:var(--soft);font-size:.8125rem}
.k li::before{content:"";display:inline-block;width:.625rem;height:.625rem;border-radius:2px;margin-right:.4rem;background:var(--n)}
.k .u::before{background:var(--u)}.k .w::before{background:var(--w)}.k .x::before{background:var(--x)}.k .s::before{background:var(--s)}
.i ol{list-style:none;margin:.5rem 0 0;padding:0}
.i li{padding:.4rem 0 .4rem .9rem;border-left:2px solid var(--line)}
.m{white-space:pre-line}time{white-space:nowrap}
footer{padding-top:2rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
@media(max-width:30rem){header{padding-top:1.25rem}h1{font-size:1.25rem;padding:.9rem 1rem}.box{padding:0 .9rem}.note{padding:.75rem .9rem}.t{display:block}.d{gap:0}.d li{border-radius:0}.t p{margin-top:.15rem}}
`;
