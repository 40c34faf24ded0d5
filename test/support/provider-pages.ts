// The few pages of the demo provider. Everything foreign is escaped.
const style = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid;
    place-items: center; background: light-dark(#eef1f5, #14181d); color: light-dark(#1c2733, #e6ebf0) }
  main { width: min(22rem, 88vw); padding: 2rem; border-radius: 12px;
    background: light-dark(#fff, #1f252c); box-shadow: 0 8px 30px rgb(0 0 0 / .12) }
  h1 { font-size: 1.25rem; margin: 0 0 1.25rem }
  label { display: block; margin: .9rem 0 .25rem; font-size: .9rem }
  input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem .75rem;
    border-radius: 8px; border: 1px solid light-dark(#b9c3ce, #47525e) }
  button { margin-top: 1.5rem; border: 0; color: #fff; background: #1f6f54; font-weight: 600 }
  button + button { margin-top: .6rem; background: #66727f }
  .problem { color: light-dark(#a32020, #ff9a9a) }
  .hint { font-size: .85rem; color: light-dark(#5b6874, #9aa6b2) }`

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main>
<h1>${title}</h1>
${content}
</main></body>
</html>
`
}

export function signInPage(parts: { hint: string; isRefused: boolean }): string {
  return page(
    'Sign in to Example Identity',
    `${parts.isRefused ? '<p class="problem">Wrong e-mail address or password.</p>' : ''}
<form method="post">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
<button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
<p class="hint">${escapeHtml(parts.hint)}</p>`,
  )
}

/** `form` is oidc-provider's own, with its secret. */
export function signOutPage(form: string): string {
  return page(
    'Sign out of Example Identity?',
    `${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button type="submit" form="op.logoutForm">Stay signed in</button>`,
  )
}

export function signedOutPage(): string {
  return page('Signed out', '<p>You are signed out of Example Identity.</p>')
}

export function problemPage(problem: Readonly<Record<string, string>>): string {
  const lines = Object.entries(problem).map(
    ([name, text]) => `<p><b>${escapeHtml(name)}</b>: ${escapeHtml(text)}</p>`,
  )
  return page('That did not work', lines.join('\n'))
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
