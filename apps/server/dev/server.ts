// The server as `dev` runs it, with a word on where everything is.
import { DEMO_PASSWORD, seedPeople } from "../seed/people";
import { run } from "../src/run";

await run(process.env, async ({ app, inboxUrl }) => {
  await seedPeople(app);
  console.log(`
  Warble listens on ${app.publicUrl}
  Mail is read at   ${inboxUrl ?? "your SMTP server"}
  Sign in as        alice, bob, carol or dan; the password is "${DEMO_PASSWORD}"
`);
});
