/** Text as it stands in a page. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #333a42); --quiet: light-dark(#57606a, #9aa4ae); --blue: #0b66c3; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f6f8fa, #0f1419); }
main { max-width: 38rem; margin: 0 auto; padding: 1rem; }
header, header form { display: flex; align-items: center; justify-content: space-between; gap: .75rem; flex-wrap: wrap; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
p { margin: .25rem 0; }
.card { display: block; background: light-dark(#fff, #171d24); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: .75rem 0; }
.content { white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .875rem; }
.failure { color: light-dark(#b42318, #ff8d80); }
label { display: block; margin-bottom: .75rem; }
input, textarea { display: block; width: 100%; margin-top: .25rem; padding: .625rem; font: inherit; border: 1px solid var(--line); border-radius: .5rem; }
button { font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; border: 0; border-radius: 1.5rem; background: var(--blue); color: #fff; cursor: pointer; }
button.plain { background: none; color: inherit; border: 1px solid var(--line); }
a { color: light-dark(var(--blue), #6cb6ff); }
`;

export const html = (body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warble</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;

export const loginForm = (failure = ""): string => `<h1>Warble</h1>
<form class="card" method="post" action="/login">
  ${failure && `<p class="failure" role="alert">${escaped(failure)}</p>`}
  <label>Name or e-mail address <input name="identifier" autocomplete="username" required autofocus></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>`;
