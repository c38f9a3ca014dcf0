import type { BalancerConfig } from '../../inputs/config.ts';
import type { Access } from '../access.ts';
import type { Balancer } from '../port.ts';
import { membershipBalancer } from './membership.ts';
import { pointerBalancer } from './pointer.ts';
import { makeRuntime } from './runtime.ts';

export type HaproxyConfig = Extract<BalancerConfig, { driver: 'haproxy' }>;

/** HAProxy 2.2 or later through its Runtime API, by pointer or by membership. */
export function makeHaproxy({ name, socket, control }: HaproxyConfig, access: Access): Balancer {
  const runtime = makeRuntime(name, socket, access);
  if (control.by === 'pointer') return pointerBalancer({ name, runtime, access, control });
  return membershipBalancer({ name, runtime, access, control });
}
