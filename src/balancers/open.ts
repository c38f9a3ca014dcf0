import type { BalancerConfig, SshTarget } from '../inputs/config.ts';
import type { Result } from '../result.ts';
import { type Access, runnerAccess } from './access.ts';
import { makeHaproxy } from './haproxy/haproxy.ts';
import { makeHttpBalancer } from './http.ts';
import type { Balancer } from './port.ts';

/** Gives the connection to the host that a balancer is controlled from. It stays open, and is closed by whoever gave it. */
export type Reach = (via: SshTarget) => Promise<Result<Access>>;

/** The driver for one balancer of the fleet file. Nothing is connected to before the first call. */
export function makeBalancer(config: BalancerConfig, reach: Reach): Balancer {
  const access = config.via === undefined ? runnerAccess : lazily(config.via, reach);
  return config.driver === 'haproxy' ? makeHaproxy(config, access) : makeHttpBalancer(config, access);
}

function lazily(via: SshTarget, reach: Reach): Access {
  let reached: Result<Access> | undefined;
  const access = async () => {
    if (!reached?.ok) reached = await reach(via);
    return reached;
  };
  return {
    run: async (command) => {
      const host = await access();
      return host.ok ? host.value.run(command) : host;
    },
    forward: async (target) => {
      const host = await access();
      return host.ok ? host.value.forward(target) : host;
    },
  };
}
