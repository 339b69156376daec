import { stage } from "../test/stage"; const { cleo, mailed, console, printed } = await stage({"page":"ssr","people":["cleo"],"admins":[]}); void mailed;









import { createWarble, type SessionStorage, type Tokens } from "@warble/sdk";

const COOKIE = "warble.session";

/** Keeps the session in the visitor's cookie: `header` is what they sent, `set` answers a new one. */
function visitorsCookie(header: string | undefined, set: (cookie: string) => void): SessionStorage {
  const found = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(header ?? "")?.[1];
  let tokens: Tokens | null = found ? JSON.parse(decodeURIComponent(found)) : null;
  return {
    load: () => tokens,
    save: (next) => {
      tokens = next;
      const value = next ? encodeURIComponent(JSON.stringify(next)) : "";
      const seconds = next ? Math.floor((Date.parse(next.refreshExpiresAt) - Date.now()) / 1000) : 0;
      set(`${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax; Secure`);
    },
  };
}







import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  const storage = visitorsCookie(request.headers.cookie, (cookie) =>
    response.appendHeader("set-cookie", cookie),
  );
  const warble = createWarble({ url: "http://localhost:43921", storage });
  if (request.url === "/login")
    await warble.auth.login({ identifier: "cleo", password: "swifts over the harbour" });
  const me = await warble.auth.me();
  response.end(me ? `Hello ${me.displayName}` : "Please sign in");
});
await new Promise<void>((resolve) => server.listen(0, resolve));
const address = server.address();
const page = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;

console.log(await (await fetch(page)).text());
await printed("Please sign in", 53);
const signedIn = await fetch(`${page}/login`);
const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
console.log(await (await fetch(page, { headers: { cookie } })).text());
await printed("Hello cleo", 57);
server.close();









