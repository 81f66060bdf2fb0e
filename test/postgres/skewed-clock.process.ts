/** Loaded before the program: a host whose clock is wrong by SKEW_MS. What runs by a timer is not. */
const skew = Number(process.env['SKEW_MS']);
const Right = Date;

globalThis.Date = new Proxy(Right, {
  construct: (target, given: [number], self) =>
    Reflect.construct(target, given.length > 0 ? given : [Right.now() + skew], self),
  get: (target, name) =>
    name === 'now' ? () => Right.now() + skew : Reflect.get(target, name, target),
});
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + skew });
