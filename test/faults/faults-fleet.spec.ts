import { faultsSuite } from './faults-suite.js';

faultsSuite('postgres', 'fleet');
