/// The library: everything a program needs comes with `import HiveQL`. `Columnar` is the vocabulary of the other three:
/// batches, columns and SQL types.
@_exported import Columnar
@_exported import Engine
@_exported import FeatureTables
@_exported import Learners
