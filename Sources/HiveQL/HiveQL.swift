/// The library: everything a program needs comes with `import HiveQL`. `Columnar` is the vocabulary of the others:
/// batches, columns and SQL types.
@_exported import Columnar
@_exported import Engine
@_exported import Exchange
@_exported import FeatureTables
@_exported import Learners
