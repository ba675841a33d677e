// A worker runs files of both pairs, one after the other, so that each says which one it is.
process.env.AFTERCALL_TEST_PAIR = 'sqlite';
