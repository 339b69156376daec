import { runMakeAdmin } from "./admin-command";

await runMakeAdmin(process.env, process.argv[2]);
