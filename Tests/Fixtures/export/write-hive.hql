create table ct (a int, b string comment 'bb') comment 'tc' row format delimited fields terminated by ',' stored as textfile
tblproperties ('k' = 'v');
insert into ct values (1, 'x'), (2, 'y');
export table ct to '${hivevar:folder}/text';
create table cp (a int, d decimal(5,2)) partitioned by (k int, s string) stored as orc;
set hive.exec.dynamic.partition.mode=nonstrict;
insert into cp partition (k, s) values (1, 1.5, 10, 'a/b'), (2, null, 11, 'c');
export table cp to '${hivevar:folder}/orc-partitions';
