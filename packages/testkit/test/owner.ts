// A test run that is killed while its backend runs.
import { startWarble } from "../src/index";

const { url } = await startWarble();
process.send?.(url);
