/// <reference types="node" preserve="true" />
/// <reference path="../declarations/cadence.d.ts" preserve="true" />
/// <reference path="../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../declarations/destructible.d.ts" preserve="true" />
/// <reference path="../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../declarations/procession.d.ts" preserve="true" />
/// <reference path="../declarations/prolific.logger.d.ts" preserve="true" />
/// <reference path="../declarations/rescue.d.ts" preserve="true" />
/// <reference path="../declarations/signal.d.ts" preserve="true" />
// Every entry of the package imports this file first, see `bundled-require.ts`.
import { endRequire } from './bundled-require.js'
import 'cadence'
import 'conduit/caller.js'
import 'destructible'
import 'happenstance'
import 'procession'
import 'prolific.logger'
import 'rescue'
import 'signal'

endRequire()
