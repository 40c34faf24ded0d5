/** The whole style of the pages, inline and allowed by its hash; colours meet WCAG 2.2 AA. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f3f5f8; --glow: #dfe8f7; --card: #fff; --line: #d8dee8; --edge: #828ea1;
  --text: #172033; --soft: #535f73; --code: #edf0f5;
  --accent: #1f56c4; --accent-hover: #17449f; --on-accent: #fff;
  --tone: #1f56c4;
}
.done { --tone: #12734a; } .attention { --tone: #935400; } .stop { --tone: #b42318; }
.wait { --tone: #4d5b73; }
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e131b; --glow: #17243a; --card: #171e29; --line: #2b3544; --edge: #6b7a90;
    --text: #e9eef6; --soft: #a7b3c5; --code: #222c3a;
    --accent: #83b0ff; --accent-hover: #a6c7ff; --on-accent: #0b1730;
    --tone: #83b0ff;
  }
  .done { --tone: #5fd09a; } .attention { --tone: #f2b355; } .stop { --tone: #ff9a8f; }
  .wait { --tone: #b3c0d4; }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100svh; padding: 1.5rem 1rem;
  display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1.25rem;
  background: radial-gradient(60rem 30rem at 50% -6rem, var(--glow), transparent) var(--page);
  color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 27rem; padding: 2.25rem 2rem 2rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px #0f1a2e14, 0 12px 32px -12px #0f1a2e2e;
}
.icon {
  display: block; width: 3.25rem; height: 3.25rem; padding: .75rem; margin: 0 0 1.25rem;
  border-radius: .875rem; color: var(--tone); background: var(--code);
  background: color-mix(in srgb, var(--tone) 13%, transparent);
  fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round;
}
.logo { display: block; max-width: 100%; max-height: 6rem; margin: 0 0 1.25rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; }
p { margin: 0 0 .75rem; }
.soft { color: var(--soft); } .soft strong { color: var(--text); }
strong { font-weight: 600; }
.label { font-size: .8125rem; color: var(--soft); } .note > .label, .reference > code { display: block; }
.note { margin: 1rem 0 0; padding: .75rem 1rem; border-radius: .625rem; background: var(--code); }
.note > :last-child { margin-bottom: 0; }
.actions { display: grid; gap: .625rem; margin: 1.5rem 0 0; }
.button {
  display: flex; align-items: center; justify-content: center; width: 100%; min-height: 3rem;
  padding: .625rem 1rem; border: 1px solid var(--edge); border-radius: .625rem;
  background: transparent; color: var(--text); font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer;
}
.button:hover { border-color: var(--text); }
.button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-hover); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .25rem; }
.button:focus-visible { border-radius: .625rem; }
code {
  padding: .1em .35em; border-radius: .3em; background: var(--code);
  font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
.sessions { list-style: none; margin: 1.25rem 0 0; padding: 0; }
.sessions > li {
  display: flex; align-items: center; justify-content: space-between; gap: .75rem 1rem;
  padding: .875rem 0; border-top: 1px solid var(--line);
}
.sessions p { margin: 0; } .sessions form { flex: none; } .sessions .label { display: block; }
.sessions time { white-space: nowrap; }
.badge {
  display: inline-block; padding: 0 .5em; border-radius: 1em; background: var(--code);
  color: var(--soft); font-size: .75rem; white-space: nowrap;
}
.button.small { flex: none; width: auto; white-space: nowrap; min-height: 2.25rem; padding: .25rem .75rem; font-size: .875rem; }
details { margin: 1.5rem 0 0; padding: 1rem 0 0; border-top: 1px solid var(--line); font-size: .9375rem; }
summary { color: var(--soft); cursor: pointer; }
details > p { margin: .75rem 0 0; }
.reference { margin: 1rem 0 0; }
.reference > code { padding: 0; background: none; font-size: .75rem; }
footer { max-width: 27rem; font-size: .8125rem; color: var(--soft); text-align: center; }
footer p { margin: 0; }
@media (max-width: 30rem) {
  main { padding: 1.75rem 1.25rem 1.5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .button { transition: background-color .15s, border-color .15s; }
}
`
