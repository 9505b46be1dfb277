/// What a profile tells, besides what it always tells.
public struct ProfileOptions: Sendable {
    /// Columns to look at; nil: all.
    public var columns: [String]?
    /// A column whose association with each of the others is wanted.
    public var label: String?
    /// Frequent values that are listed of a column.
    public var topCount: Int
    /// Bars of a histogram.
    public var histogramBins: Int
    /// Whether correlations of numeric columns are wanted.
    public var correlates: Bool
    /// Integers of at most so many values are classes where they are the label, and text may not have more.
    public var classLimit: Int

    public init(
        columns: [String]? = nil, label: String? = nil, topCount: Int = 5, histogramBins: Int = 20, correlates: Bool = true,
        classLimit: Int = ImportOptions().automaticClassLimit
    ) {
        self.columns = columns
        self.label = label
        self.topCount = topCount
        self.histogramBins = histogramBins
        self.correlates = correlates
        self.classLimit = classLimit
    }
}
