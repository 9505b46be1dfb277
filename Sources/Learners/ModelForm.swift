/// What a model computes, for whoever writes it down in a form of another program.
public enum ModelForm: Sendable {
    case linear(LinearModel)
    /// Trees in XGBoost's JSON.
    case xgboost([UInt8])
}
