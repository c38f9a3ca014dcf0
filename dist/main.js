import { A as runChart, B as cancellation, C as markerOf, D as footer, E as fitted, F as refusal, G as saveState, H as getInput, J as setSecret, K as setFailed, M as shortState, N as plain, O as pageParts, P as readContext, S as redactedConclusion, T as renderShortComment, V as error, W as notice, X as summary, Y as warning, _ as stateOf, a as createLog, b as keepTimeline, d as redactor, f as STATE_NAME, g as postStatus, h as findDeployment, j as warningsOf, k as flipChart, n as isGood, o as readAll, q as setOutput, r as perform, u as neutralise, v as ask, w as renderComment, x as redacted, y as createClient } from "./shared.js";
import { dirname, join } from "node:path";
import process from "node:process";
import { mkdir, writeFile } from "node:fs/promises";
// src/github/channel.ts
/** Milliseconds until the next write may begin. The last word waits for no turn, but for a limit it does. */
const dueIn = ({ final, pausedUntil, turnAt }) => Math.max(pausedUntil, final ? Number.NEGATIVE_INFINITY : turnAt) - performance.now();
const pending = ({ stopped, stale, writing }) => !stopped && (stale || writing);
function wake(state) {
	const { waiters } = state;
	state.waiters = [];
	for (const waiter of waiters) waiter();
}
async function turn(state, options) {
	state.writing = true;
	state.stale = false;
	state.turnAt = performance.now() + options.everyMs;
	const verdict = await options.write();
	state.writing = false;
	if (verdict.next === "stop") state.stopped = true;
	if (verdict.next === "again") {
		state.stale = true;
		state.pausedUntil = performance.now() + verdict.afterMs;
	}
	wake(state);
	schedule(state, options);
}
function schedule(state, options) {
	clearTimeout(state.timer);
	if (state.writing || state.stopped || !state.stale) return;
	const due = dueIn(state);
	if (due <= 0) turn(state, options);
	else state.timer = setTimeout(() => void turn(state, options), due).unref();
}
async function settle(state, options, deadlineMs) {
	const end = performance.now() + deadlineMs;
	let over = false;
	state.final = true;
	schedule(state, options);
	const alarm = setTimeout(() => {
		over = true;
		wake(state);
	}, deadlineMs);
	const withinReach = () => state.writing || performance.now() + dueIn(state) < end;
	while (pending(state) && !over && withinReach()) await new Promise((resolve) => state.waiters.push(resolve));
	clearTimeout(alarm);
	clearTimeout(state.timer);
	const written = !pending(state);
	state.stopped = true;
	return written;
}
/** Writes one thing at a time, not too often, the newest state only. Who pokes it never waits. */
function createChannel(options) {
	const never = Number.NEGATIVE_INFINITY;
	const state = {
		stale: false,
		final: false,
		writing: false,
		stopped: false,
		turnAt: never,
		pausedUntil: never,
		timer: void 0,
		waiters: []
	};
	const poke = () => {
		state.stale = true;
		schedule(state, options);
	};
	return {
		poke,
		finish() {
			state.final = true;
			poke();
		},
		settle: (deadlineMs) => settle(state, options, deadlineMs)
	};
}
// src/github/comment.ts
/** Who signs our comments; `undefined` for an installation token, which cannot ask and signs as some bot. */
async function ownLogin(client) {
	const answer = await ask(() => client.rest.users.getAuthenticated());
	return answer.ok ? answer.value.login : void 0;
}
/** Somebody who quotes our marker must not have their comment overwritten: it counts only under our own name. */
async function findComment({ client, repository, pullRequest, marker }) {
	const login = await ownLogin(client);
	const ours = (user) => login === void 0 ? user?.type === "Bot" : user?.login === login;
	for (let page = 1;; page += 1) {
		const answer = await ask(() => client.rest.issues.listComments({
			...repository,
			issue_number: pullRequest,
			per_page: 100,
			page
		}));
		if (!answer.ok) return answer;
		const found = answer.value.find((comment) => comment.body?.startsWith(marker) && ours(comment.user));
		if (found !== void 0 || answer.value.length < 100) return {
			ok: true,
			value: found?.id
		};
	}
}
/** One comment per pull request and environment, edited in place. */
function stickyComment(place) {
	const { client, repository, pullRequest } = place;
	let known;
	const edit = async (id, body) => {
		const answer = await ask(() => client.rest.issues.updateComment({
			...repository,
			comment_id: id,
			body
		}));
		if (answer.ok) return {
			ok: true,
			value: id
		};
		if (answer.problem.kind === "missing") known = void 0;
		return answer;
	};
	return { async put(body) {
		if (known !== void 0) return edit(known, body);
		const found = await findComment(place);
		if (!found.ok) return found;
		known = found.value;
		if (known !== void 0) return edit(known, body);
		const answer = await ask(() => client.rest.issues.createComment({
			...repository,
			issue_number: pullRequest,
			body
		}));
		if (!answer.ok) return answer;
		known = answer.value.id;
		return {
			ok: true,
			value: known
		};
	} };
}
// src/github/pull-request.ts
/**
* The pull request that this run belongs to: the one named by the event, or the one that brought the commit — merged as
* this very commit, else open with it as its head. `undefined`: there is none.
*/
async function findPullRequest(client, context) {
	if (context.pullRequest !== void 0) return {
		ok: true,
		value: context.pullRequest
	};
	const { sha, repository } = context;
	const answer = await ask(() => client.rest.repos.listPullRequestsAssociatedWithCommit({
		...repository,
		commit_sha: sha,
		per_page: 100
	}));
	if (!answer.ok) return answer.problem.kind === "refused" ? {
		ok: true,
		value: void 0
	} : answer;
	const merged = answer.value.find((pull) => pull.merged_at !== null && pull.merge_commit_sha === sha);
	const open = answer.value.find((pull) => pull.state === "open" && pull.head.sha === sha);
	return {
		ok: true,
		value: (merged ?? open)?.number
	};
}
// src/github/reporter.ts
const DONE = { next: "done" };
const STOP = { next: "stop" };
const LONGEST_WAIT = 3e4;
/** What a problem means for further writes; tells the reader about those that end them. */
function judge(kind, notice) {
	let failures = 0;
	return (problem) => {
		switch (problem.kind) {
			case "limited": return {
				next: "again",
				afterMs: problem.againMs
			};
			case "unreachable": {
				const afterMs = Math.min(LONGEST_WAIT, 1e3 * 2 ** failures);
				failures += 1;
				return {
					next: "again",
					afterMs
				};
			}
			case "forbidden":
			case "missing":
				notice(`${kind.name} was not written: the token needs \`${kind.permission}\` (${problem.message}).`);
				return STOP;
			case "too-long":
			case "refused":
				notice(`${kind.name} was not written: ${problem.message}`);
				return STOP;
		}
	};
}
/** A mistake of ours in a report is no reason for a deploy to break. */
const guarded = (write, notice) => () => write().catch((error) => {
	notice(`Reporting stopped, please report this bug: ${error instanceof Error ? error.stack : String(error)}`);
	return STOP;
});
const commentKind = {
	name: "The comment on the pull request",
	permission: "pull-requests: write"
};
function commentChannel(shared) {
	const { client, context, setting, notice, view, keep } = shared;
	const verdictOn = judge(commentKind, notice);
	let comment;
	let last = "";
	const find = async () => typeof shared.pullRequest === "number" ? {
		ok: true,
		value: shared.pullRequest
	} : findPullRequest(client, context);
	const write = async () => {
		if (view().command === "status") return STOP;
		if (comment === void 0) {
			const found = await find();
			if (!found.ok) return verdictOn(found.problem);
			if (found.value === void 0) {
				notice("No pull request belongs to this commit: the report is in the summary of the job.");
				return STOP;
			}
			const marker = markerOf(setting.environment);
			comment = stickyComment({
				client,
				repository: context.repository,
				pullRequest: found.value,
				marker
			});
		}
		const timeline = view();
		const body = renderComment(timeline, setting);
		if (body === last) return DONE;
		const full = await comment.put(body);
		const answer = !full.ok && full.problem.kind === "too-long" ? await comment.put(renderShortComment(timeline, setting)) : full;
		if (!answer.ok) return verdictOn(answer.problem);
		last = body;
		keep({ comment: {
			id: answer.value,
			final: timeline.conclusion !== void 0
		} });
		return DONE;
	};
	return createChannel({
		write: guarded(write, notice),
		everyMs: shared.everyMs ?? 5e3
	});
}
const deploymentKind = {
	name: "The status of the deployment",
	permission: "deployments: write"
};
function deploymentChannel(shared) {
	const { client, context, environment, setting, notice, view, keep } = shared;
	const verdictOn = judge(deploymentKind, notice);
	let deployment;
	let last = "";
	const write = async () => {
		const timeline = view();
		if (timeline.phase === void 0) return DONE;
		if (deployment === void 0) {
			const found = await findDeployment(client, context, environment);
			if (!found.ok) return verdictOn(found.problem);
			if (found.value === void 0) return STOP;
			deployment = found.value;
		}
		const state = stateOf(timeline.conclusion?.result, deployment.own);
		const description = shortState(timeline);
		const url = setting.url === void 0 ? {} : { url: setting.url };
		if (last !== `${state} ${description}`) {
			const answer = await postStatus(client, context, {
				deployment,
				state,
				description,
				...url
			});
			if (!answer.ok) return verdictOn(answer.problem);
			last = `${state} ${description}`;
		}
		keep({ deployment: {
			...deployment,
			final: timeline.conclusion !== void 0
		} });
		return DONE;
	};
	return createChannel({
		write: guarded(write, notice),
		everyMs: shared.everyMs ?? 5e3
	});
}
/**
* Keeps a pull request comment and a deployment up to date. Whatever GitHub does, the run is not slowed by it: events are
* only noted, and written from time to time in the background, always in their newest state.
*/
function createGitHubReporter(options) {
	const { token, context, setting, notice, redact, save } = options;
	if (token === void 0 || token === "") {
		notice("No github-token: nothing is reported to pull request and deployment.");
		return {
			report: () => {},
			settle: async () => {}
		};
	}
	const abandon = new AbortController();
	const keeper = keepTimeline();
	let saved = { environment: setting.environment };
	const keep = (change) => {
		saved = {
			...saved,
			...change
		};
		save(saved);
	};
	const client = createClient({
		token,
		apiUrl: context.apiUrl,
		signal: abandon.signal
	});
	const shared = {
		...options,
		client,
		view: keeper.view,
		keep
	};
	const channels = [{
		kind: deploymentKind,
		channel: deploymentChannel(shared)
	}, ...options.pullRequest === "none" ? [] : [{
		kind: commentKind,
		channel: commentChannel(shared)
	}]];
	const take = (happened) => {
		const event = redacted(happened, redact);
		keeper.take(event);
		if (event.type !== "finished") for (const { channel } of channels) channel.poke();
		if (event.type !== "finished") return;
		const { result, headline } = event.conclusion;
		keep({ ending: {
			result,
			headline
		} });
		for (const { channel } of channels) channel.finish();
	};
	return {
		report: take,
		async settle(deadlineMs) {
			const settled = channels.map(async ({ kind, channel }) => {
				if (!await channel.settle(deadlineMs)) notice(`${kind.name} is not up to date: GitHub did not take the last report.`);
			});
			await Promise.all(settled);
			abandon.abort();
		}
	};
}
// src/github/runner.ts
const whole = (ms) => ms === void 0 ? "" : String(Math.round(ms));
/** The outputs of the step; empty where there is nothing to say, never a guess. Times are milliseconds; a cutover is short enough for a tenth to matter. */
function outputsOf(conclusion, { planHash, timeline, url }) {
	const { flipMs, budgetMs, witness } = conclusion;
	return {
		result: conclusion.result,
		release: conclusion.release,
		"previous-release": conclusion.previous ?? "",
		"flip-ms": whole(flipMs),
		"cutover-ms": conclusion.cutoverMs?.toFixed(1) ?? "",
		"total-ms": whole(conclusion.totalMs),
		"budget-ms": whole(budgetMs),
		"within-budget": flipMs === void 0 ? "" : String(flipMs <= budgetMs),
		"mixed-ms": whole(witness?.mixedMs),
		"failed-requests": witness === void 0 ? "" : String(witness.failed),
		"plan-hash": planHash ?? "",
		timeline: timeline ?? "",
		url: url ?? ""
	};
}
function writeOutputs(outputs) {
	for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}
/** The summary of the step, replaced as a whole. Resolves with why it could not be written. */
async function writeSummary(markdown) {
	try {
		await summary.emptyBuffer().addRaw(markdown, true).write({ overwrite: true });
		return;
	} catch (error) {
		return `The job summary was not written: ${error instanceof Error ? error.message : String(error)}`;
	}
}
/** The runner makes ten annotations of a kind per step; more are noise to a reader as well. */
const ANNOTATIONS = 10;
const textOf = ({ where, what, advice, detail }) => [
	`${where === void 0 ? "" : `${where}: `}${what}`,
	advice,
	detail
].filter((line) => line !== void 0).join("\n");
/** Failures and then warnings as annotations on the run, ten in all. */
function annotate(conclusion, redact) {
	const { failures, warnings } = redactedConclusion(conclusion, redact);
	const text = (failure) => plain(textOf(failure));
	for (const failure of failures.slice(0, ANNOTATIONS)) error(text(failure), { title: "Fleetflip" });
	const left = Math.max(0, ANNOTATIONS - failures.length);
	for (const failure of warnings.slice(0, left)) warning(text(failure), { title: "Fleetflip" });
}
// src/report/summary.ts
/**
* The runner drops a summary of more than 1 MiB as a whole. The limit here is in UTF-16 units, each of which is three
* bytes at the most.
*/
const LIMIT = 3e5;
/** The job's summary: the comment's parts, and the whole run by the wall clock. */
function renderSummary(timeline, setting) {
	const whole = flipChart(timeline, setting.budgetMs) && runChart(timeline);
	return fitted([
		...pageParts(timeline, setting),
		{
			text: whole && `#### The whole run\n\n${whole}`,
			spare: 5
		},
		footer(setting)
	], LIMIT);
}
// src/github/summary.ts
/** Writes the job's summary when the run is over; GitHub shows none before the step has ended anyway. */
function createSummary({ setting, redact, notice }) {
	const keeper = keepTimeline();
	return {
		report: (event) => keeper.take(redacted(event, redact)),
		async settle() {
			const unwritten = await writeSummary(renderSummary(keeper.view(), setting));
			if (unwritten !== void 0) notice(unwritten);
		}
	};
}
// src/report/recording.ts
/** Keeps the events and writes them in `settle`. Of the progress of a transfer, only the last word of each server stays. */
function createRecording({ path, redact, warn }) {
	const events = [];
	const progressOf = /* @__PURE__ */ new Map();
	return {
		report(event) {
			if (event.type !== "transfer-progress") {
				events.push(redacted(event, redact));
				return;
			}
			const place = progressOf.get(event.server) ?? events.length;
			progressOf.set(event.server, place);
			events[place] = event;
		},
		async settle() {
			const recording = {
				version: 1,
				events: events.toSorted((one, other) => one.at - other.at)
			};
			try {
				await mkdir(dirname(path), { recursive: true });
				await writeFile(path, `${JSON.stringify(recording, void 0, 1)}\n`);
			} catch (error) {
				warn(`The timeline could not be written to ${path}: ${error instanceof Error ? error.message : String(error)}`);
			}
		}
	};
}
// src/main.ts
/** Longest time in milliseconds that the last reports may take after the work is done. */
const settleMs = 1e4;
/** The step's main part: read everything, refuse or run, tell how it ended. */
async function main() {
	const reading = await readAll(getInput, process.env);
	for (const secret of reading.secrets) setSecret(secret);
	const context = await readContext(process.env);
	const stranger = context.ok ? refusal(context.value) : void 0;
	const failures = [
		...context.ok ? [] : [context.failure],
		...stranger ? [stranger] : [],
		...reading.ok ? [] : reading.failures
	];
	if (failures.length > 0 || !reading.ok || !context.ok) return refuse(failures);
	for (const hint of reading.hints) warning(sentence(hint));
	await run(reading, context.value);
}
async function run({ inputs, config, secrets }, context) {
	const redact = redactor(secrets);
	const timeline = keepTimeline();
	const path = join(process.env["RUNNER_TEMP"] ?? ".", "fleetflip", "timeline.json");
	const setting = settingOf({
		inputs,
		config
	}, context);
	const reporters = [
		createLog({
			write: console.log,
			grouped: true,
			budgetMs: config.budgetMs,
			redact,
			neutralise
		}),
		createRecording({
			path,
			redact,
			warn: warning
		}),
		createGitHubReporter({
			context,
			setting,
			redact,
			notice,
			save: (report) => saveState(STATE_NAME, report),
			...inputs.githubToken !== void 0 && { token: inputs.githubToken },
			...inputs.pullRequest !== void 0 && { pullRequest: inputs.pullRequest },
			...inputs.environment !== void 0 && { environment: inputs.environment }
		}),
		createSummary({
			setting,
			redact,
			notice
		}),
		{
			report: timeline.take,
			settle: async () => {}
		}
	];
	const cancel = cancellation(inputs.timeoutMs);
	const environment = process.env;
	const conclusion = await perform({
		inputs,
		config,
		environment,
		reporters,
		signal: cancel.signal,
		print: console.log
	});
	const view = timeline.view();
	const planHash = view.plan?.hash;
	writeOutputs(outputsOf(conclusion, {
		timeline: path,
		...planHash && { planHash },
		...inputs.url && { url: inputs.url }
	}));
	annotate({
		...conclusion,
		warnings: warningsOf(view)
	}, redact);
	process.exitCode = isGood(conclusion) ? 0 : 1;
	await Promise.all(reporters.map((reporter) => reporter.settle(settleMs)));
	cancel.dispose();
}
const settingOf = ({ inputs, config }, context) => ({
	environment: inputs.environment ?? config.app,
	budgetMs: config.budgetMs,
	runUrl: context.runUrl,
	attempt: context.attempt,
	...inputs.url && { url: inputs.url }
});
const sentence = ({ where, what, advice }) => `${where === void 0 ? "" : `${where}: `}${what}${advice === void 0 ? "" : ` (${advice})`}`;
/** Every mistake on a line of its own, and nothing touched. */
function refuse(failures) {
	writeOutputs({ result: "failed" });
	for (const failure of failures) error(sentence(failure), { title: "Fleetflip" });
	setFailed(`nothing was touched: ${failures.length} ${failures.length === 1 ? "mistake" : "mistakes"} to mend first`);
}
try {
	await main();
} catch (error) {
	setFailed(error instanceof Error ? error.stack ?? error.message : String(error));
	process.exit();
}
export {};
