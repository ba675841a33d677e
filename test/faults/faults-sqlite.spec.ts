import { faultsSuite } from './faults-suite.js';

faultsSuite('sqlite');
