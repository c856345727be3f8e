// Silences the default log of all members of this process, and of the processes that it starts: a
// test run would show thousands of governments. A member with the option `logger` is not affected.
process.env['KIBITZ_LOG'] ??= 'none'
