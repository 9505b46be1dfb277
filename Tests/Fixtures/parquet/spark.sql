-- Writes spark-paged: the one file of the table, by Spark 4, with indexes of pages, some of which have NULLs alone, and bloom
-- filters.

create table p using parquet options (
  'parquet.page.row.count.limit' = '100', 'parquet.page.size' = '2000', 'parquet.bloom.filter.enabled' = 'true',
  'parquet.bloom.filter.max.bytes' = '1024', 'parquet.enable.dictionary' = 'false', 'compression' = 'zstd')
as select /*+ coalesce(1) */
  id as i, if(id between 200 and 349, null, cast(id * 7919 % 1000 as int)) as r,
  if(id % 11 = 0, null, concat(repeat('long beginning ', 6), id div 40)) as s, cast(id % 13 / 2.0 as decimal(9, 2)) as d9,
  cast(-id as double) as d, date_add(date '2013-01-01', cast(id div 50 as int)) as dt,
  if(id % 5 = 0, array(), array(id, if(id % 7 = 0, null, id + 1))) as l,
  if(id % 9 = 0, null, named_struct('a', cast(id as int), 'b', cast(id as string))) as st
from range(0, 1000, 1, 1);
