import { I as fail, L as ok, t as exchange } from "./shared.js";
// src/cdn/fastly.ts
/** Fastly takes this many keys in one request. */
const batchSize = 256;
const patienceMs = 15e3;
/**
* Purges by surrogate key. Never softly: what is only marked stale may go on being served while it is revalidated, and that
* would be a page of the old release after the flip.
*/
function makePurger(config, clock) {
	return { async purge(signal) {
		for (const keys of batches(config.keys)) {
			const result = await purgeBatch(keys, config, {
				clock,
				signal
			});
			if (!result.ok) return result;
		}
		return ok(void 0);
	} };
}
const batches = (keys) => Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, index) => keys.slice(index * batchSize, (index + 1) * batchSize));
async function purgeBatch(keys, config, around) {
	const url = new URL(`/service/${encodeURIComponent(config.service)}/purge`, config.endpoint);
	const init = {
		method: "POST",
		headers: {
			"fastly-key": config.token,
			"content-type": "application/json",
			accept: "application/json"
		},
		body: JSON.stringify({ surrogate_keys: keys })
	};
	const read = (response) => response.text();
	const answer = await exchange({
		make: async () => ({
			url,
			init
		}),
		read,
		patienceMs
	}, around);
	if (!answer.ok) {
		const what = `the purge did not reach ${url.host}: ${answer.failure.what}`;
		return fail({
			...answer.failure,
			what,
			where: place(config),
			advice: unpurged
		});
	}
	return answer.value.status === 200 ? ok(void 0) : fail(explain(answer.value, config));
}
const place = ({ service }) => `Fastly service ${service}`;
const unpurged = "pages may be cached until they expire: purge them by hand, or run the deploy again";
const advices = {
	401: "check the token: Fastly does not know it",
	403: "the token needs the scope purge_select for this service",
	404: "check cdn.purge.service",
	429: "Fastly limits purges per hour: purge fewer keys, or later"
};
function explain({ status, body }, config) {
	const advice = advices[status] ?? unpurged;
	const detail = body.replaceAll(config.token, "***").slice(0, 500);
	return {
		what: `the purge was refused: status ${status}`,
		where: place(config),
		advice,
		...detail && { detail }
	};
}
export { makePurger };
