/** The page around the app: one column on a phone, two where there is room. */
export const HTML = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Warble</title><style>
* { box-sizing: border-box; margin: 0 }
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2733; background: #f6f8fa }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; padding: .75rem 1rem; background: #fff;
  border-bottom: 1px solid #dde3ea; position: sticky; top: 0 }
h1 { font-size: 1.25rem } h2 { font-size: 1rem; margin-bottom: .5rem; overflow-wrap: anywhere }
#me { flex: 1; overflow: hidden; text-overflow: ellipsis }
#unread { background: #b3261e; color: #fff; border-radius: 1rem; padding: 0 .6rem; min-width: 2rem; text-align: center }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; max-width: 64rem; margin: 0 auto; padding: 1rem }
@media (min-width: 48rem) { main { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start } }
section, #login { background: #fff; border: 1px solid #dde3ea; border-radius: .75rem; padding: 1rem }
aside { display: grid; gap: 1rem }
form { display: flex; gap: .5rem; margin-bottom: .5rem }
#login { flex-direction: column; max-width: 24rem; margin: 3rem auto; width: calc(100% - 2rem) }
input { flex: 1; min-width: 0; font: inherit; padding: .5rem .75rem; border: 1px solid #9aa7b5; border-radius: .5rem }
button { font: inherit; padding: .35rem .9rem; border: 1px solid #c4ced9; border-radius: 2rem; background: #fff; cursor: pointer }
form button { background: #0b6bcb; border-color: #0b6bcb; color: #fff }
article { padding: .75rem 0; border-top: 1px solid #e8edf2; overflow-wrap: anywhere }
.like[aria-pressed=true] { color: #b3261e; border-color: #b3261e }
.unread { font-weight: 600 } small { color: #5a6875 } [role=alert] { color: #b3261e }
ol { list-style: none; padding: 0; display: grid; gap: .35rem; margin-bottom: .5rem }
li { justify-self: start; max-width: 85%; padding: .3rem .8rem; border-radius: 1rem; background: #eef2f6; overflow-wrap: anywhere }
li.mine { justify-self: end; background: #d7e9fb } li.sending { opacity: .6 } li.failed { border: 1px solid #b3261e }
#typing { min-height: 1.5em; color: #5a6875; font-size: .9rem }
</style><div id="root"></div><script type="module" src="/page.js"></script></html>`;
