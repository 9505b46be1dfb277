import FeatureTables
import Platform

extension Session {
    /// What the rows of a table (`t`, `db.t`, ``parquet.`folder` ``, `t PARTITION (month >= 2)`) or of a query look like.
    ///
    /// The rows are looked at as they come, on as many threads as a query has, and are not kept.
    /// - Throws: `HiveError`: what a query throws; for a text that is neither, before anything is run; for columns that are
    ///   not there or have one name.
    public func profile(_ source: String, _ options: ProfileOptions = ProfileOptions()) throws -> Profile {
        let request = ProfileRequest(options)
        _ = try finish(RunningStatement(hasReader: false, profiling: request, in: activity), source)
        guard let profile = request.profile.value else { throw HiveError(message: "There is no profile of: \(source)") }
        return profile
    }
}

/// A profile that a statement is to make, and its place.
final class ProfileRequest: Sendable {
    let options: ProfileOptions
    let profile = Guarded<Profile?>(nil)

    init(_ options: ProfileOptions) { self.options = options }
}
