import type { Mistake } from '../mistakes/mistake.ts';
import type { Sections } from './check.ts';

/** No two servers have the same name, or are the same machine. */
export function checkServers({ servers = [], ssh }: Sections): Mistake[] {
  const names = new Set<string>();
  const addresses = new Map<string, string>();
  return servers.flatMap((entry, index) =>
    entry.flatMap((server): Mistake[] => {
      const path = ['servers', index];
      const { name } = server;
      if (names.size === names.add(name).size) return [{ path, what: `there is another server called ${name}` }];
      const { address, port } = { address: name, port: ssh?.port ?? 22, ...server };
      const key = `${address} port ${port}`;
      const other = addresses.get(key);
      addresses.set(key, name);
      return other === undefined ? [] : [{ path, what: `${name} has the address of ${other} (${key})` }];
    }),
  );
}
