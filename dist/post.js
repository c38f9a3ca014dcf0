import { H as getInput, P as readContext, U as getState, Y as warning, f as STATE_NAME, m as settleFromState, p as readSavedReport, y as createClient } from "./shared.js";
import process from "node:process";
// src/post.ts
/** Longest time in milliseconds; the runner gives a cancelled job minutes, but nothing here is worth them. */
const longestMs = 6e4;
/** Puts a true end under the reports of a main part that was killed before it could. */
async function post() {
	const saved = readSavedReport(getState(STATE_NAME));
	const context = await readContext(process.env);
	const token = getInput("github-token");
	if (saved === void 0 || !context.ok || token === "") return;
	const client = createClient({
		token,
		apiUrl: context.value.apiUrl,
		signal: AbortSignal.timeout(longestMs)
	});
	for (const line of await settleFromState({
		client,
		context: context.value,
		saved
	})) warning(line);
}
try {
	await post();
} catch (error) {
	warning(error instanceof Error ? error.stack ?? error.message : String(error));
}
export {};
