import { B as cancellation, a as createLog, c as isExpression, d as redactor, l as nearest, n as isGood, o as readAll, r as perform, s as inputTable } from "./shared.js";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
// src/inputs/flags.ts
const rows = Object.entries(inputTable).filter(([, row]) => !("runnerOnly" in row));
const flags = rows.filter(([name, row]) => row.secret !== true && name !== "command");
const secrets = rows.filter(([, row]) => row.secret === true);
/** Flags without a value. */
const switches = /* @__PURE__ */ new Set(["dry-run", "allow-shrunken"]);
const options = Object.fromEntries(flags.map(([name]) => [name, { type: switches.has(name) ? "boolean" : "string" }]));
const variableOf = (name) => `FLEETFLIP_${name.replaceAll("-", "_").toUpperCase()}`;
/** `fleetflip deploy --source build/ --dry-run`: flags are the inputs of the action, secrets come from the environment. */
function readFlags(words, environment) {
	const { values, positionals, tokens } = parseArgs({
		args: [...words],
		options: {
			...options,
			help: {
				type: "boolean",
				short: "h"
			}
		},
		allowPositionals: true,
		strict: false,
		tokens: true
	});
	if (values["help"] === true) return { do: "help" };
	const [command = "", ...others] = positionals;
	const failures = [...tokens.flatMap((token) => token.kind === "option" ? flagMistakes(token) : []), ...others.map((word) => ({
		where: "command line",
		what: `${word}: one command at a time`
	}))];
	if (failures.length > 0) return {
		do: "refuse",
		failures
	};
	const given = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
	for (const [name] of secrets) given.set(name, environment[variableOf(name)] ?? "");
	given.set("command", command);
	return {
		do: "run",
		get: (name) => given.get(name) ?? ""
	};
}
function flagMistakes({ name, rawName, value }) {
	const where = "command line";
	if (secrets.find(([known]) => known === name) !== void 0) return [{
		where,
		what: `${rawName}: a secret on the command line can be seen by every process`,
		advice: `set ${variableOf(name)}`
	}];
	const option = options[name];
	if (option === void 0 && name !== "help" && name !== "h") {
		const guess = nearest(name, Object.keys(options));
		const advice = guess === void 0 ? "see --help" : `did you mean --${guess}?`;
		return [{
			where,
			what: `${rawName}: unknown flag`,
			advice
		}];
	}
	if (option?.type === "string" && value === void 0) return [{
		where,
		what: `${rawName}: needs a value`
	}];
	return option?.type === "boolean" && value !== void 0 ? [{
		where,
		what: `${rawName}: takes no value`
	}] : [];
}
/** The text of `--help`. */
function helpText() {
	const width = Math.max(...rows.map(([name]) => variableOf(name).length)) + 2;
	const entry = (left, { description, default: fallback }) => {
		const told = fallback !== void 0 && !isExpression(fallback) && fallback !== "false";
		return `  ${left.padEnd(width)}${description.replaceAll("`", "")}${told ? ` [${fallback}]` : ""}`;
	};
	return [
		"fleetflip [deploy|plan|rollback|status] [flags]",
		"",
		"Flags:",
		...flags.map(([name, row]) => entry(`--${name}`, row)),
		"",
		"From the environment, because a process list shows flags:",
		...secrets.map(([name, row]) => entry(variableOf(name), row)),
		"",
		`A fleet file may refer to further variables as $\{env:NAME}. Every key of it: docs/reference.md`,
		""
	].join("\n");
}
// src/cli.ts
/** The same engine for a terminal: no GitHub, the log as the only report. */
async function main() {
	const flags = readFlags(process.argv.slice(2), process.env);
	if (flags.do === "help") {
		console.log(helpText());
		return 0;
	}
	if (flags.do === "refuse") return refuse(flags.failures);
	const trusted = flags.get("known-hosts") || await ownKnownHosts();
	const reading = await readAll((name) => name === "known-hosts" ? trusted : flags.get(name), process.env);
	if (!reading.ok) return refuse(reading.failures);
	const { inputs, config, secrets, hints } = reading;
	tell(hints);
	const redact = redactor(secrets);
	const plain = (text) => text;
	const log = createLog({
		write: console.log,
		grouped: false,
		budgetMs: config.budgetMs,
		redact,
		neutralise: plain
	});
	const cancel = cancellation(inputs.timeoutMs);
	const environment = process.env;
	const conclusion = await perform({
		inputs,
		config,
		environment,
		reporters: [log],
		signal: cancel.signal,
		print: console.log
	});
	cancel.dispose();
	return isGood(conclusion) ? 0 : 1;
}
/** The hosts that this user knows already, as ssh(1) does. */
const ownKnownHosts = () => readFile(join(homedir(), ".ssh", "known_hosts"), "utf8").catch(() => "");
function refuse(failures) {
	tell(failures);
	console.error("nothing was touched");
	return 1;
}
function tell(failures) {
	for (const { where, what, advice } of failures) {
		console.error(`${where === void 0 ? "" : `${where}: `}${what}`);
		if (advice !== void 0) console.error(`  → ${advice}`);
	}
}
process.exitCode = await main();
export {};
