// Reports an error to the context, then leaves with code 1: the report came first and is what counts.
process.stdin.once('data', () => {
  const error = {
    code: 'XDP_ATTACH',
    message: 'cannot attach: Operation not supported',
    call: 'link_create',
    errno: 95,
  };
  process.stdout.write(`${JSON.stringify({ type: 'error', error })}\n`, () => process.exit(1));
});
