/** The address of a server as all calls begin with it. @throws TypeError */
export function baseUrl(url: string): string {
  const { protocol, origin, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol)) throw new TypeError(`Warble needs an http(s) url, not ${url}`);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
