/**
 * What programs of the system are run with, by execa and without a shell, which would read its user's start-up files.
 * They are found where PATH lacks the folders of root's programs (cron, su, containers), and speak English, which is
 * what is looked for in their output.
 */
export const toolEnvironment = {
  PATH: `${process.env.PATH || '/usr/local/bin:/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`,
  LC_ALL: 'C',
};
