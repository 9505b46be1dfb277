/// The library: everything a program needs comes with `import HiveQL`.
@_exported import Engine
@_exported import FeatureTables
@_exported import Learners
