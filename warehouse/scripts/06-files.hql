-- The modelling table as ORC, for the warehouse, and as Parquet files, for whoever learns elsewhere.
--   hiveql -hiveconf OUT=/folder/features -f 06-files.hql
drop table if exists nyctaxidb.nyctaxi_modelling_orc;
create table nyctaxidb.nyctaxi_modelling_orc stored as orc
as select * from nyctaxidb.nyctaxi_downsampled_dataset;

insert overwrite local directory '${hiveconf:OUT}' stored as parquet
select * from nyctaxidb.nyctaxi_modelling_orc;

-- The files read without a table: the same rows.
select count(*) as rows_to_learn_from, sum(tipped) as tipped, round(avg(tip_amount), 3) as mean_tip
from parquet.`${hiveconf:OUT}`;
