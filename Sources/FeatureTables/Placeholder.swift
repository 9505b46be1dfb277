// FeatureTables
