import { defineConfig } from "vitepress";

const page = (text: string, link: string) => ({ text, link });

const GUIDE = [
  {
    text: "Beginning",
    items: [
      page("Five minutes", "/guide/start"),
      page("Examples", "/guide/examples"),
      page("Accounts and sessions", "/guide/accounts"),
      page("Errors and retries", "/guide/errors"),
      page("Pages", "/guide/pagination"),
    ],
  },
  {
    text: "What people do",
    items: [
      page("Profiles and following", "/guide/people"),
      page("Tweets", "/guide/tweets"),
      page("Timelines", "/guide/timelines"),
      page("Comments and threads", "/guide/comments"),
      page("Search and trends", "/guide/search"),
      page("Notifications", "/guide/notifications"),
      page("Chat and groups", "/guide/chat"),
      page("Text rules", "/guide/text"),
      page("What shows at once", "/guide/instant"),
    ],
  },
  {
    text: "Accounts in depth",
    items: [
      page("Second factors and passkeys", "/guide/factors"),
      page("Export and deletion", "/guide/leaving"),
      page("Moderation", "/guide/moderation"),
    ],
  },
  {
    text: "Elsewhere",
    items: [
      page("Tests of a frontend", "/reference/testkit"),
      page("React", "/guide/react"),
      page("Server-side rendering", "/guide/ssr"),
      page("Other languages", "/guide/http"),
      page("Sockets without the SDK", "/guide/sockets"),
    ],
  },
];

const REFERENCE = [
  {
    text: "Reference",
    items: [
      page("SDK", "/reference/sdk/"),
      page("Testkit", "/reference/testkit"),
      page("Procedures", "/reference/procedures"),
      page("Socket events", "/reference/events"),
      page("Reasons", "/reference/reasons"),
      page("Limits", "/reference/limits"),
    ],
  },
];

const OPERATION = [
  {
    text: "Operation",
    items: [
      page("Running it for strangers", "/operation/running"),
      page("Several nodes", "/operation/nodes"),
      page("For millions of people", "/operation/scale"),
      page("Security", "/operation/security"),
    ],
  },
];

export default defineConfig({
  title: "Warble",
  description: "The backend of a Twitter-like service, and its SDK.",
  lang: "en",
  outDir: "dist",
  // The index of the search is one file, fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    nav: [
      page("Guide", "/guide/start"),
      page("Reference", "/reference/procedures"),
      page("Operation", "/operation/running"),
    ],
    sidebar: { "/guide/": GUIDE, "/reference/": REFERENCE, "/operation/": OPERATION },
    outline: [2, 3],
    search: { provider: "local" },
  },
  markdown: {
    config: (md) => {
      // Whom the programs of a page find is said on top of it.
      md.core.ruler.push("cast", (state) => {
        const { people = [], admins = [] } = state.env.frontmatter ?? {};
        const names = [...people, ...admins].map((name: string) => `<code>${name}</code>`).join(", ");
        const heading = state.tokens.findIndex(({ type }) => type === "heading_close");
        if (!names || heading < 0) return;
        const note = new state.Token("html_block", "", 0);
        note.content = `<p><em>Clients that have signed in on this page: ${names}.</em></p>\n`;
        state.tokens.splice(heading + 1, 0, note);
      });
    },
  },
});
