// Dies of an exception that has properties and a cause, which Node prints with its stack and its own version.
await Promise.reject(
  Object.assign(new TypeError('the \u001b[31mumem\u001b[0m is gone', { cause: new Error('inner') }), {
    code: 'EX',
    errno: 5,
  }),
);
