import Columnar
import Functions

extension EvaluationContext {
    /// What conversions need to know of the session. A zone that is not known is UTC.
    var castContext: CastContext {
        CastContext(
            zone: ZoneRules.named(timeZone) ?? .utc,
            integersAreSeconds: settings["hive.int.timestamp.conversion.in.seconds"]?.lowercased() == "true")
    }
}
