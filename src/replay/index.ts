import '../base/packages.js'
export type { Distribution } from '../metrics/distribution.js'
export {
    beginMeasure, measure, type MeasuredInput, type MeasuredMember, type MeasuredState,
    type TimedPublish
} from '../metrics/measure.js'
export {
    type DistributionMetric, type Metric, type MetricMoment, type MetricName, momentOf,
    type MetricPoint, type NamedPoint, type ValueMetric
} from '../metrics/metric.js'
export { LIVE_METRICS, METRICS, readAll } from '../metrics/recorded-metrics.js'
export { type MetricSample, series, type SeriesOptions } from '../metrics/series.js'
export type { EntrySpan, HistoryCall, HistoryPlace } from './call-join.js'
export type { DiskWait } from './disk-waits.js'
export type { HistoryGovernment } from './history-governments.js'
export type { HistoryLane, HistoryRole } from './history-lane.js'
export type { HistoryOptions } from './history-reading.js'
export {
    type HistoryCause, type HistoryEvent, JoinedHistory as History
} from './joined-history.js'
export type {
    ReplayerOptions, ReplayProgress, ReplaySource, SeekOptions, StepsOptions
} from './options.js'
export {
    recordingHandler, type RecordingHandlerOptions
} from './recording-handler.js'
export {
    recordedOutcome, runVariant, type VariantDifference, type VariantRecording, type VariantResult
} from '../variant/run-variant.js'
export type {
    Variant, VariantBody, VariantCall, VariantChange, VariantInput, VariantMember,
    VariantSettings, VariantStop
} from '../variant/variant.js'
export { type VariantOptions, variantOf } from '../variant/variant-of.js'
export type {
    VariantGap, VariantGovernment, VariantOutcome, VariantPublish
} from '../variant/variant-outcome.js'
export { variantTest } from '../variant/variant-test.js'
export type { RecordedInput } from './recording.js'
export type { Effects, MemberView, ReplayedState } from './replayed-member.js'
export { explain, type WhyEntry, type WhyPlace } from './why.js'
export type { ReplayedInput } from './replay-pass.js'
export { Replayer, type ReplayStep, type SeekTarget } from './replayer.js'
